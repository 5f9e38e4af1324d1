package egress

import "net/netip"

// kind says how far an address is from the public internet.
type kind int

const (
	public kind = iota
	// internal: somebody's own network. An allowed host name may lead there.
	internal
	// never: what no service of a company answers on, and what answers with a machine's credentials (metadata is
	// link-local or, on some clouds, unique local). Only a CIDR that names it lets it through.
	never
)

// ranges are the special-purpose addresses of IANA's two registries, and the metadata addresses of clouds.
func ranges() map[kind][]string {
	return map[kind][]string{
		internal: {
			"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", // private, RFC 1918
			"100.64.0.0/10",          // carrier-grade NAT, RFC 6598
			"127.0.0.0/8", "::1/128", // loopback
			"fc00::/7", // unique local, RFC 4193
		},
		never: {
			"169.254.0.0/16", "fe80::/10", // link-local; 169.254.169.254 is the metadata address of most clouds
			"fd00:ec2::254/128", "fd20:ce::254/128", // metadata by IPv6: AWS, Google
			"100.100.100.200/32",  // metadata: Alibaba
			"192.0.0.192/32",      // metadata: Oracle
			"0.0.0.0/8", "::/128", // unspecified, 'this network'
			"224.0.0.0/4", "ff00::/8", // multicast
			"240.0.0.0/4",                // reserved, broadcast
			"192.0.0.0/24",               // protocol assignments
			"192.0.2.0/24",               // documentation
			"198.51.100.0/24",            //
			"203.0.113.0/24",             //
			"2001:db8::/32", "3fff::/20", //
			"192.88.99.0/24", // 6to4 relays
			"198.18.0.0/15",  // benchmarks
			"100::/64",       // discard
			"2001::/23",      // protocol assignments, with Teredo
			"5f00::/16",      // segment routing
			"fec0::/10",      // site-local
			"::/96",          // IPv4-compatible
			"64:ff9b:1::/48", // local translation: what lies behind it can't be told
		},
	}
}

// embedded gives the IPv4 address that an IPv6 address stands for: mapped, or translated (NAT64, 6to4).
func embedded(a netip.Addr) netip.Addr {
	a = a.WithZone("").Unmap()
	if a.Is4() {
		return a
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case netip.MustParsePrefix("2002::/16").Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return a
}

// table is the ranges, read.
type table map[kind][]netip.Prefix

func newTable() table {
	t := table{}
	for k, all := range ranges() {
		for _, text := range all {
			t[k] = append(t[k], netip.MustParsePrefix(text))
		}
	}
	return t
}

// kindOf goes by the most specific range: ::1 is loopback, although ::/96 has it too.
func (t table) kindOf(a netip.Addr) kind {
	best, bits := public, -1
	for k, all := range t {
		for _, p := range all {
			if p.Contains(a) && p.Bits() > bits {
				best, bits = k, p.Bits()
			}
		}
	}
	return best
}

func contains(all []netip.Prefix, a netip.Addr) bool {
	for _, p := range all {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
