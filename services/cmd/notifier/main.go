// Command notifier tells people about tier changes.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/pkg/process"
	"github.com/tierstream/tierstream/services/notifier"
)

func main() { os.Exit(process.Main("notifier", notifier.Run)) }
