// Command scorer keeps what each customer is worth and how they pay.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/scorer"
)

const about = `Keeps what each customer is worth and how they pay, rolling: reads the topic facts, keeps its state in Redis and writes
every customer's figures to the topic scores.`

func main() { os.Exit(process.Main("scorer", about, scorer.Run)) }
