package main

// events are the ids of what a monitoring system may look for in the event log
// of Windows. Ids stay when messages change; other warnings are 100, other
// errors 200.
var events = map[string]uint32{
	"camwarden runs":  1,
	"camwarden stops": 2,
	"not delivered; the reports wait in the spool":                   101,
	"a list has expired and is used all the same":                    102,
	"the configuration cannot be used; it is read again in a minute": 201,
	"the spool could not keep a report on disk":                      202,
	"the endpoint cannot take a report; it is set aside":             203,
	"what was remembered is lost":                                    204,
	"the service ends":                                               205,
	"the package cannot be installed":                                210,
}
