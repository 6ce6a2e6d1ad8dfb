package spool

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// formatVersion is the second word of every file's first line.
const formatVersion = "1"

// maxHead bounds the first line of a sealed file.
const maxHead = 1024

// errNewer tells an undamaged file of another format version.
var errNewer = errors.New("format version is not known")

// seal puts a line before body that tells damage of either: the magic word,
// the format version, the fields, the length of body and the checksum. Fields
// are free of spaces and control characters.
func seal(magic string, fields []string, body []byte) []byte {
	words := append([]string{magic, formatVersion}, fields...)
	head := strings.Join(append(words, strconv.Itoa(len(body))), " ")
	out := make([]byte, 0, len(head)+10+len(body))
	out = append(out, head...)
	out = append(out, ' ')
	out = append(out, checksum(head, body)...)
	out = append(out, '\n')
	return append(out, body...)
}

// unseal is the inverse of seal. It takes nothing that seal would not have
// written, so that no flipped bit can go unseen. The body shares data's memory.
func unseal(magic string, data []byte) (fields []string, body []byte, err error) {
	end := bytes.IndexByte(data[:min(len(data), maxHead)], '\n')
	if end < 0 {
		return nil, nil, errors.New("no first line")
	}
	body = data[end+1:]
	words := strings.Split(string(data[:end]), " ")
	if len(words) < 4 || words[0] != magic {
		return nil, nil, fmt.Errorf("first line is not that of a %s", magic)
	}
	last := len(words) - 1
	if words[last-1] != strconv.Itoa(len(body)) {
		return nil, nil, fmt.Errorf("%d bytes after the first line, which says %q", len(body), words[last-1])
	}
	if sum := checksum(strings.Join(words[:last], " "), body); sum != words[last] {
		return nil, nil, fmt.Errorf("checksum is %s, the first line says %q", sum, words[last])
	}
	if words[1] != formatVersion {
		return nil, nil, fmt.Errorf("%w: %q", errNewer, words[1])
	}
	return words[2 : last-1], body, nil
}

// checksum is the CRC-32C of both, as eight hex digits.
func checksum(head string, body []byte) string {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := crc32.Update(crc32.Checksum([]byte(head), table), table, body)
	return fmt.Sprintf("%08x", sum)
}
