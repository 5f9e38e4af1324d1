package pipeline

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/portfolio"
	"github.com/tierstream/tierstream/pkg/reducer"
	"github.com/tierstream/tierstream/pkg/value"
)

// Customers is every customer as of t, in the order of their ids, with the class and share that each has among them.
// Advance(t) comes first.
func (p *Pipeline) Customers(t civil.Instant) ([]codec.CustomerLine, error) {
	view, err := p.View()
	if err != nil {
		return nil, err
	}
	var lines []codec.CustomerLine
	err = p.first.ForEach(func(id string, blob []byte) error {
		line, ok, err := view.Customer(id, blob, p.first.Registers, p.second.Blob(id), t)
		if ok {
			lines = append(lines, line)
		}
		return err
	})
	Classify(lines, view.Classes())
	return lines, err
}

// View reads the customers of the partition under the rules that it has in force.
func (p *Pipeline) View() (*reducer.View, error) {
	return reducer.NewView(p.first.Part())
}

// Classify sets class and share over the lines, which are all of one moment.
func Classify(lines []codec.CustomerLine, classes portfolio.Classes) {
	nets := make([]value.CustomerNet, 0, len(lines))
	for _, l := range lines {
		nets = append(nets, value.CustomerNet{ID: l.CustomerID, Net: l.Value.Net})
	}
	byID := map[string]value.Class{}
	for _, c := range value.Classify(nets, classes) {
		byID[c.ID] = c
	}
	for i := range lines {
		c := byID[lines[i].CustomerID]
		lines[i].Value.Class, lines[i].Value.Share = c.Class, c.Share
	}
}
