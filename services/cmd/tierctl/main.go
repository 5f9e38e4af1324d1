// Command tierctl is the command line of operators and policy owners.
package main

import (
	"os"
	_ "time/tzdata"

	"github.com/tierstream/tierstream/services/tierctl"
)

func main() { os.Exit(tierctl.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
