package codec

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/watch"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// ReadWatch is what a customer's alerts or signals have come to, as a blob has it.
func ReadWatch(p *pb.WatchState) watch.State {
	s := watch.State{Seq: p.GetSeq(), Told: civil.Instant(p.GetTold()), Due: civil.Instant(p.GetDue())}
	for _, m := range p.GetKept() {
		s.Kept = append(s.Kept, watch.Memory{Kind: watch.Kind(m.Kind), Seq: m.Seq, Severity: watch.Severity(m.Severity), From: m.From, To: m.To, Signs: m.Signs, At: civil.Instant(m.At)})
	}
	return s
}

// WatchState is what ReadWatch reads; nil: nothing has ever been told, and nothing is remembered.
func WatchState(s watch.State) *pb.WatchState {
	if s.Seq == 0 && len(s.Kept) == 0 && s.Told == 0 && s.Due == 0 {
		return nil
	}
	p := &pb.WatchState{Seq: s.Seq, Told: int64(s.Told), Due: int64(s.Due)}
	for _, m := range s.Kept {
		p.Kept = append(p.Kept, &pb.WatchMemory{Kind: string(m.Kind), Seq: m.Seq, Severity: int32(m.Severity), From: m.From, To: m.To, Signs: m.Signs, At: int64(m.At)})
	}
	return p
}
