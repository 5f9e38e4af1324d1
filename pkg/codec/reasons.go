package codec

import (
	"strconv"

	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Reasons is why a change was made, as it is published. A figure that is not computable is absent.
func Reasons(rs []tier.Reason) []*pb.Reason {
	out := make([]*pb.Reason, 0, len(rs))
	for i := range rs {
		out = append(out, reason(&rs[i]))
	}
	return out
}

// reason makes one in few pieces. It refers to what it is made of.
func reason(r *tier.Reason) *pb.Reason {
	n := len(r.Params) + 3
	in := &struct {
		reason pb.Reason
		params [6]pb.Param
		list   [6]*pb.Param
	}{}
	p, params := &in.reason, in.params[:]
	if p.Params = in.list[:0]; n > len(in.params) {
		params, p.Params = make([]pb.Param, n), make([]*pb.Param, 0, n)
	}
	add := func(name, value string) {
		x := &params[len(p.Params)]
		x.Name, x.Value = name, value
		p.Params = append(p.Params, x)
	}
	p.Code, p.Factor, p.Text = r.Code, r.Test.Factor, r.Text
	if r.Test.Op != "" {
		add("op", r.Test.Op)
		p.Threshold = &r.Test.Threshold
		add("threshold", number(r.Test.Threshold))
	}
	if r.Test.Op != "" && r.Test.Known {
		p.Value, p.Margin = &r.Test.Value, &r.Margin
		add("value", number(r.Test.Value))
	}
	for _, x := range r.Params {
		add(x.Name, x.Value)
	}
	return p
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
