package registry

// A virtualBlock is a range of prefixes that names no maker: software puts its
// own addresses there, and several machines may share one.
type virtualBlock struct {
	low, high uint64 // the shared bits of the first and the last prefix
	bits      int
	reason    string
}

// virtualBlocks is searched from the top; a part stands before its whole.
// Left out on purpose: blocks of makers whose real hardware shares the prefix.
var virtualBlocks = [...]virtualBlock{
	// First-hop redundancy: the address belongs to a group of routers.
	{0x00005e0001, 0x00005e0001, 40, "VRRP or CARP virtual router (RFC 9568, section 7.3)"},
	{0x00005e0002, 0x00005e0002, 40, "VRRP virtual router for IPv6 (RFC 9568, section 7.3)"},
	{0x00000c07ac, 0x00000c07ac, 40, "HSRP version 1 virtual router (RFC 2281)"},
	{0x00000c9ff, 0x00000c9ff, 36, "HSRP version 2 virtual router (Cisco)"},
	{0x000573a00, 0x000573a00, 36, "HSRP virtual router for IPv6 (Cisco)"},
	{0x0007b400, 0x0007b400, 32, "GLBP virtual forwarder (Cisco)"},
	{0x0022bdf819ff, 0x0022bdf819ff, 48, "gateway address that every Cisco ACI leaf shares"},

	// Clusters and protocols that set the address in software. NLB computes
	// its address from the cluster's, so an assignment inside its wide ranges
	// is the better explanation; Lookup sees to that.
	{0x020496, 0x020496, 24, "ExtremeXOS, locally administered variant of 00:04:96"},
	{0x02bf, 0x02bf, 16, "Microsoft NLB cluster (unicast)"},
	{0x00bf, 0x00bf, 16, "Microsoft NLB cluster"},
	{0x0201, 0x0220, 16, "Microsoft NLB cluster member (02:01 to 02:20)"},
	{0xaa000400, 0xaa000400, 32, "DECnet Phase IV node address"},

	// Hypervisors: the address belongs to a guest.
	{0x525400, 0x525400, 24, "QEMU or KVM guest"},
	{0x000569, 0x000569, 24, "VMware guest"},
	{0x000c29, 0x000c29, 24, "VMware guest"},
	{0x001c14, 0x001c14, 24, "VMware guest"},
	{0x005056, 0x005056, 24, "VMware guest or VMkernel port"},
	{0x0003ff, 0x0003ff, 24, "Microsoft Virtual PC guest"},
	{0x00155d, 0x00155d, 24, "Microsoft Hyper-V guest"},
	{0x080027, 0x080027, 24, "VirtualBox guest"},
	{0x00163e, 0x00163e, 24, "Xen guest"},
	{0x001c42, 0x001c42, 24, "Parallels guest"},
	{0x001a4a, 0x001a4a, 24, "oVirt or Red Hat Virtualization guest"},
	{0x0021f6, 0x0021f6, 24, "Oracle VM guest"},
	{0x000f4b, 0x000f4b, 24, "Virtual Iron guest"},
	{0x506b8d, 0x506b8d, 24, "Nutanix AHV guest"},
	{0x589cfc, 0x589cfc, 24, "bhyve guest"},
	{0xbc2411, 0xbc2411, 24, "Proxmox VE guest"},
}

func virtualBlockOf(key uint64) *virtualBlock {
	for i := range virtualBlocks {
		b := &virtualBlocks[i]
		if shared := key >> (48 - b.bits); b.low <= shared && shared <= b.high {
			return b
		}
	}
	return nil
}
