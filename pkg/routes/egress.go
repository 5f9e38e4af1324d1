package routes

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/tierstream/tierstream/pkg/lintyaml"
)

// egress reads where deliveries may go beside public addresses.
func (d document) egress(keys map[string]lintyaml.Field, f *File) {
	k, ok := keys["egress"]
	if !ok {
		return
	}
	allow, ok := d.Fields(k.Value, `"egress"`, "allow")["allow"]
	if !ok {
		return
	}
	metadata := netip.MustParseAddr("169.254.169.254")
	for _, e := range d.texts(allow) {
		prefix, err := netip.ParsePrefix(e.text)
		if addr, single := netip.ParseAddr(e.text); single == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		switch {
		case err == nil && prefix.Masked() != prefix:
			d.Fail(e.at, "write "+prefix.Masked().String(), "%s has bits set behind its length", e.text)
		case err == nil:
			if prefix.Contains(metadata) {
				d.Warn(e.at, "name the networks of your receivers only", "this lets deliveries reach the cloud's metadata address, %s", metadata)
			}
			f.Egress.Prefixes = append(f.Egress.Prefixes, prefix)
		case regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$`).MatchString(e.text) && strings.ContainsFunc(e.text, letter):
			f.Egress.Hosts = append(f.Egress.Hosts, strings.ToLower(e.text))
		default:
			d.Fail(e.at, "write it as in 10.20.0.0/16, 10.20.0.7 or hooks.intranet.example", "%q is neither a network, an address nor a host", e.text)
		}
	}
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
