package detect

import (
	"github.com/camwarden/camwarden/agent/internal/lan"
	"github.com/camwarden/camwarden/agent/internal/locate"
)

// level says how well maker and class are established. The block alone makes
// it possible, and a description lifts nothing, since it can be edited. An
// LLDP-MED inventory has fields for manufacturer and model: where they name
// the block's maker and a camera, block and station say the same.
func level(station locate.Station, m madeBy) Level {
	for _, s := range station.Sightings {
		n, ok := s.Row.(*lan.LLDPNeighbor)
		if ok && names(n.MED.Manufacturer, m.Name) && cameraModel(n.MED.Model) && m.role.Video() {
			return Confirmed
		}
	}
	return Possible
}

// cameraModel tells whether a model is of a camera family.
func cameraModel(model string) bool {
	for _, rule := range textRules {
		if rule.match.MatchString(model) {
			return rule.id == "text-model-camera"
		}
	}
	return false
}
