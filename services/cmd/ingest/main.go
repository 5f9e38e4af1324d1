// Command ingest takes orders, payments and all other events in.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/ingest"
)

const about = `Takes orders, invoices, payments, profiles and engagements in: checks each event, finds whose it is and appends it to the
topic facts. What can't be used goes to dead-letters with the reason. Keeps nothing; needs Kafka alone.`

func main() { os.Exit(process.Main("ingest", about, ingest.Run)) }
