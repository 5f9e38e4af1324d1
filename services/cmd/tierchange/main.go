// Command tierchange decides tiers.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/tierchange"
)

func main() { os.Exit(process.Main("tierchange", tierchange.Run)) }
