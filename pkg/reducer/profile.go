package reducer

import (
	"github.com/tierstream/tierstream/pkg/codec"
	pb "github.com/tierstream/tierstream/proto/tierstream/v1"
)

// applyProfile takes what a profile says of the fields that figures look at; false: nothing newer. The texts that changes
// carry go to the second stage by themselves (naming.go).
func (c *customer) applyProfile(e *pb.ProfileEvent) bool {
	s, newer := slot(c.registers.profiles, ""), false
	for _, f := range codec.ProfileSaid(e) {
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
