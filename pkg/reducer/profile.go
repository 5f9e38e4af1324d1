package reducer

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/policy"
	"github.com/tierstream/tierstream/pkg/value"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// segment is the place of the policy's segment that the customer is of, from 1; 0: none.
func (c *customer) segment(p *policy.Policy, today civil.Day) int {
	stage := value.StageNone
	if p.ByStage() {
		stage = c.value.Figures(p.Value, today, value.Profile{}).Stage
	}
	return p.Segment(&c.profile, stage)
}

// applyProfile takes what a profile says of the fields that figures look at; false: nothing newer. The texts that changes
// carry go to the second stage by themselves (naming.go).
func (c *customer) applyProfile(e *pb.ProfileEvent, env environment) bool {
	s, newer := slot(c.registers.profiles, ""), false
	said := codec.ProfileSaid(e, env.rate)
	for _, f := range said {
		newer = s.Say(f) || newer
	}
	for _, f := range said {
		env.counts.add("profile fields left out", int64(btoi(!s.Has(f.Name))))
	}
	if !newer {
		return false
	}
	c.registers.touch(profilePrefix, "")
	c.profile = s.Profile()
	c.Profile = codec.CustomerProfile(c.profile)
	return true
}
