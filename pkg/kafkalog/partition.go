package kafkalog

// Partition is where a key belongs among n partitions: the Java client's murmur2.
func Partition(key string, n int) int { return int(murmur2(key)&0x7fffffff) % n }

// murmur2 is Utils.murmur2 of Kafka's Java client. It is here because kafka-go's wants a list of the partitions, and
// ingest asks for every event.
func murmur2(key string) uint32 {
	const (
		seed  = 0x9747b28c
		m     = 0x5bd1e995
		shift = 24
	)
	h := uint32(seed) ^ uint32(len(key))
	for ; len(key) >= 4; key = key[4:] {
		k := uint32(key[0]) | uint32(key[1])<<8 | uint32(key[2])<<16 | uint32(key[3])<<24
		k *= m
		k ^= k >> shift
		h = h*m ^ k*m
	}
	if len(key) > 0 {
		for i := range len(key) {
			h ^= uint32(key[i]) << (8 * i)
		}
		h *= m
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}
