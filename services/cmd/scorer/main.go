// Command scorer keeps what each customer is worth and how they pay.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/scorer"
)

func main() { os.Exit(process.Main("scorer", scorer.Run)) }
