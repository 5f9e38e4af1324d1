// Package routes has the example of a routing file.
package routes

import _ "embed"

// Example is example.yaml: a CRM by webhook, two chats, and mail to account managers.
//
//go:embed example.yaml
var Example []byte
