// Command tierchange decides tiers.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/tierchange"
)

const about = `Decides tiers: reads the topic scores, keeps each customer's tier in Redis and writes every change with its reasons to the
topics tier-changes and customer-tiers.`

func main() { os.Exit(process.Main("tierchange", about, tierchange.Run)) }
