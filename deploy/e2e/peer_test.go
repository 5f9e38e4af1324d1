//go:build servers

package e2e

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tierstream/tierstream/pkg/topics"
)

// BenchmarkPeer takes in a backlog of two years with Tierstream's services, and the same one with programs for Kafka Streams under
// exactly_once_v2 that do parts of that work (peer/src/main/java/Peer.java says which). All on the same brokers, whose CPU
// counts, as does Redis's; Kafka Streams keeps its state in its own process and in Kafka.
func BenchmarkPeer(b *testing.B) {
	classpath := built(b)
	warm, _ := laidOut(b, "wall", warmCustomers, benchYear)
	warm.through()
	warm.stop()
	var ours cost
	b.Run("tierstream", func(b *testing.B) {
		for b.Loop() {
			ours = taken(b, func(s *system) (took, cpu time.Duration) {
				took = s.through()
				for _, name := range services {
					cpu += usage(b, s.procs[name+"-0"].Process.Pid).cpu
				}
				return took, cpu
			})
		}
		b.ReportMetric(0, "ns/op")
	})
	for _, work := range []string{"sums", "documents"} {
		b.Run("streams-"+work, func(b *testing.B) {
			for b.Loop() {
				theirs := taken(b, func(s *system) (took, cpu time.Duration) { return s.streamed(b, classpath, work) })
				b.ReportMetric(float64(theirs.took)/float64(ours.took), "times-as-long")
				b.ReportMetric(float64(theirs.cpu)/float64(ours.cpu), "times-the-cpu")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cost is what a backlog took of time, and of CPU of everybody.
type cost struct{ took, cpu time.Duration }

// taken lays out a backlog and reports what it costs to take it in: run gives how long, and the CPU of the programs.
func taken(b *testing.B, run func(*system) (took, cpu time.Duration)) cost {
	b.Helper()
	s, lines := laidOut(b, "wall", benchCustomers, 2*benchYear)
	before := measure(b)
	took, cpu := run(s)
	after := measure(b)
	s.stop()
	perEvent := func(cpu time.Duration) float64 { return float64(cpu.Nanoseconds()) / 1000 / lines }
	all := cost{took, cpu + after.kafka - before.kafka + after.redis - before.redis}
	b.ReportMetric(lines/took.Seconds(), "events/s")
	b.ReportMetric(perEvent(cpu), "programs-cpu-µs/event")
	b.ReportMetric(perEvent(after.kafka-before.kafka), "kafka-cpu-µs/event")
	b.ReportMetric(perEvent(after.redis-before.redis), "redis-cpu-µs/event")
	b.ReportMetric(perEvent(all.cpu), "cpu-µs/event")
	return all
}

// built compiles the peer, and gives its class path.
func built(b *testing.B) string {
	b.Helper()
	maven, err := exec.LookPath("mvn")
	if err != nil {
		b.Skip("no mvn to build the peer with: install maven and a JDK of 17 or later")
	}
	out, err := exec.CommandContext(b.Context(), maven, "-q", "-B", "-f", "peer/pom.xml", "compile",
		"dependency:copy-dependencies", "-DoutputDirectory=target/libs", "-DincludeScope=runtime").CombinedOutput()
	if err != nil {
		b.Fatalf("building the peer: %v\n%s", err, out)
	}
	return "peer/target/classes:peer/target/libs/*"
}

// streamed has the peer take in all that there is, and gives how long that takes, and its CPU.
func (s *system) streamed(b *testing.B, classpath, work string) (took, cpu time.Duration) {
	b.Helper()
	var inputs []string
	for _, topic := range topics.Inputs() {
		inputs = append(inputs, s.prefix+topic)
	}
	application := s.prefix + "peer"
	begun := time.Now()
	cmd := exec.CommandContext(b.Context(), "java", "-Xms1g", "-Xmx1g", "-cp", classpath, "Peer", work, server(b, "TIERSTREAM_BROKERS"),
		application, strings.Join(inputs, ","), s.prefix+topics.TierChanges, s.path("peer"))
	cmd.Stderr = s.log
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	client := s.client()
	defer client.Close()
	hops := inputs
	if work == "documents" {
		hops = append(hops, application+"-facts-repartition")
	}
	for _, topic := range append(hops, application+"-scores-repartition") {
		for behind := true; behind; {
			select {
			case err := <-ended:
				b.Fatalf("the peer has ended: %v\n%s", err, s.read("services.log"))
			case <-time.After(askEvery):
			}
			// A transaction ends with a record of its own, which is nobody's to commit. A topic that isn't there hasn't been made yet.
			behind, _ = s.behind(client, application, topic, 1)
		}
	}
	took, cpu = time.Since(begun), usage(b, cmd.Process.Pid).cpu
	_ = cmd.Process.Kill()
	<-ended
	return took, cpu
}
