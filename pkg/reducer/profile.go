package reducer

import (
	"github.com/tierstream/tierstream/pkg/civil"
	"github.com/tierstream/tierstream/pkg/codec"
	"github.com/tierstream/tierstream/pkg/fx"
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
func (c *customer) applyProfile(e *pb.ProfileEvent, rate fx.Rate) bool {
	s, newer := slot(c.registers.profiles, ""), false
	for _, f := range codec.ProfileSaid(e, rate) {
		newer = s.Say(f) || newer
	}
	if !newer {
		return false
	}
	c.registers.touch(profilePrefix, "")
	c.profile = s.Profile()
	c.Profile = codec.CustomerProfile(c.profile)
	return true
}
