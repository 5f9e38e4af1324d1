package codec

import (
	"strconv"

	"github.com/tierstream/tierstream/pkg/tier"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// Reasons is why a change was made, as it is published. A figure that is not computable is absent.
func Reasons(rs []tier.Reason) []*pb.Reason {
	out := make([]*pb.Reason, 0, len(rs))
	for _, r := range rs {
		p := &pb.Reason{Code: r.Code, Factor: r.Test.Factor, Text: r.Text}
		if r.Test.Op != "" {
			p.Params = append(p.Params, &pb.Param{Name: "op", Value: r.Test.Op})
			p.Threshold = &r.Test.Threshold
			p.Params = append(p.Params, &pb.Param{Name: "threshold", Value: number(r.Test.Threshold)})
		}
		if r.Test.Op != "" && r.Test.Known {
			p.Value, p.Margin = &r.Test.Value, &r.Margin
			p.Params = append(p.Params, &pb.Param{Name: "value", Value: number(r.Test.Value)})
		}
		for _, x := range r.Params {
			p.Params = append(p.Params, &pb.Param{Name: x.Name, Value: x.Value})
		}
		out = append(out, p)
	}
	return out
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
