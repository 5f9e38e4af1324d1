// Command notifier tells people about tier changes.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/notifier"
)

const about = `Tells people and systems of tier changes, credit alerts and signals that are LIVE, by webhook, chat and mail, as --routes says;
without it, the log alone. Keeps what is delivered in Redis.`

func main() { os.Exit(process.Main("notifier", about, notifier.Run)) }
