package dpapi

import (
	"bytes"
	"errors"
	"runtime"
	"testing"
)

func TestSealed(t *testing.T) {
	secret := []byte("hunter2")
	sealed, err := Seal(secret)
	if err != nil {
		t.Fatal(err)
	}
	if onWindows := runtime.GOOS == "windows"; bytes.Contains(sealed, secret) == onWindows {
		t.Errorf("sealed to %q", sealed)
	}
	if again, err := Seal(sealed); err != nil || !bytes.Equal(again, sealed) {
		t.Errorf("sealed twice, %q became %q, %v", sealed, again, err)
	}
	if got, err := Open(sealed); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("opened to %q, %v", got, err)
	}
}

// What was never sealed is its own text.
func TestOpenText(t *testing.T) {
	for _, text := range []string{"", "hunter2\n", "\ufeffhunter2", "camwarden-dpapi"} {
		if got, err := Open([]byte(text)); err != nil || string(got) != text {
			t.Errorf("%q opened to %q, %v", text, got, err)
		}
	}
}

func TestOpenForeign(t *testing.T) {
	for _, text := range []string{mark, mark + "*", mark + "AQAAANCMnd8BFdERjHoAwE/Cl+s=\r\n"} {
		if got, err := Open([]byte(text)); !errors.Is(err, ErrForeign) {
			t.Errorf("%q opened to %q, %v", text, got, err)
		}
	}
}
