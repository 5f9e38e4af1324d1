// Package policies has the example policies, for the demo to start with.
package policies

import _ "embed"

// Starter is starter.yaml: four tiers by net sales and punctual payment.
//
//go:embed starter.yaml
var Starter []byte
