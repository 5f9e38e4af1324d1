package reducer

import (
	"cmp"
	"slices"

	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/register"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// textMost is how many characters of a text changes carry: every change, alert and signal of the customer has it, and what one
// record brings has to fit into one request.
const textMost = 256

// cut is the beginning of a text that is too long.
func cut(text string) string {
	n := 0
	for i := range text {
		if n++; n > textMost {
			return text[:i]
		}
	}
	return text
}

// namingOf is what a profile says of the texts that a customer's changes carry; nil: nothing.
func namingOf(p *pb.ProfileEvent) *pb.Naming {
	if p == nil {
		return nil
	}
	n := &pb.Naming{CustomerId: p.CustomerId, Revision: p.Revision, EventId: p.EventId, OccurredAt: int64(civil.FromTime(p.OccurredAt.AsTime()))}
	say := func(kind pb.NamedField_Kind, value string, said bool, names ...string) {
		if slices.ContainsFunc(names, func(name string) bool { return slices.Contains(p.Clear, name) }) {
			value, said = "", true
		}
		if said {
			n.Fields = append(n.Fields, &pb.NamedField{Kind: kind, Value: cut(value)})
		}
	}
	segment, said := p.Attributes["segment"]
	say(pb.NamedField_NAME, p.GetName(), p.Name != nil, "name")
	say(pb.NamedField_ACCOUNT_MANAGER, p.GetAccountManager(), p.AccountManager != nil, "account_manager")
	say(pb.NamedField_SEGMENT, segment, said, "attributes.segment", "attributes")
	if len(n.Fields) == 0 {
		return nil
	}
	return n
}

// named keeps what a profile says where nothing newer has been said. It is no decision: changes made later carry it.
func (b *tierBatch) named(n *pb.Naming, t civil.Instant) error {
	if err := b.expire(n.CustomerId, t); err != nil {
		return err
	}
	m := b.customers[n.CustomerId]
	said := &pb.Version{Revision: n.Revision, OccurredAt: n.OccurredAt, EventId: n.EventId}
	for _, f := range n.Fields {
		i, found := slices.BinarySearchFunc(m.Names, f.Kind, func(c *pb.CustomerName, kind pb.NamedField_Kind) int { return cmp.Compare(c.Field.Kind, kind) })
		switch {
		case !found:
			m.Names = slices.Insert(m.Names, i, &pb.CustomerName{Field: f, Said: said})
		case later(said, m.Names[i].Said):
			m.Names[i] = &pb.CustomerName{Field: f, Said: said}
		default:
			continue
		}
		b.touch(m)
	}
	m.said = m.text(pb.NamedField_SEGMENT)
	return nil
}

// later says whether a profile outdoes another.
func later(a, b *pb.Version) bool {
	version := func(v *pb.Version) register.Version {
		return register.Version{Revision: v.Revision, OccurredAt: civil.Instant(v.OccurredAt), EventID: v.EventId}
	}
	return register.LaterSaid(version(a), version(b))
}

// text is what the customer's profiles say, or empty.
func (m *member) text(kind pb.NamedField_Kind) string { return NameOf(m.TierCustomer, kind) }

// segment is the segment that the policy puts a customer into, or else what their profile says of it; empty: none.
func (m *member) segment(p *policy.Policy) string {
	return cmp.Or(p.SegmentName(int(m.Segment)), m.said)
}

// NameOf is what a customer's profiles say of their name, manager or segment as tierchange keeps it, or empty.
func NameOf(c *pb.TierCustomer, kind pb.NamedField_Kind) string {
	for _, n := range c.Names {
		if n.Field.Kind == kind {
			return n.Field.Value
		}
	}
	return ""
}
