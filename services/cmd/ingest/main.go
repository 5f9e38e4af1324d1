// Command ingest takes orders, payments and all other events in.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/ingest"
)

func main() { os.Exit(process.Main("ingest", ingest.Run)) }
