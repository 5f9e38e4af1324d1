// Package loadgen is a seeded model of an order system and its finance: who buys, how much, how they pay, and what
// goes wrong on the way. Demos, tests and benchmarks lean on its laws, which docs/loadgen.md describes one by one.
//
// The same Config gives the same bytes on every machine: everything is computed in integers, from one PCG stream per
// customer, so no customer's story depends on how many others there are.
//
//	day by day   every customer decides whether to buy    ─▶ agenda (steps to come: ship, invoice, pay, return)
//	step by step agenda in order of time                  ─▶ outbox (lines on their way: on time, late, twice, broken)
//	line by line outbox in order of arrival               ─▶ yield
//
// Only what is still to come is held in memory.
package loadgen
