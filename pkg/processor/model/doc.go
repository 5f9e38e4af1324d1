// Package model is a deterministic step model of both stages under every fault that can be thought of.
package model
