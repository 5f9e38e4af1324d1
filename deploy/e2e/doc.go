// Package e2e tests the programs, as they are built for users, on real Kafka and Redis: make test-servers.
package e2e
