// Answers for Utf8PatternOracleTests with Go's regexp package. A line holds a pattern and texts in hexadecimal, parted by
// spaces; the answer is "refused", or for each text the offsets of the leftmost match and its groups, or "-".
// The line "fold" is answered with every code point that has another form by case, and the next one of its orbit.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
	"unicode"
)

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if words[0] == "fold" {
			for r := rune(0); r <= unicode.MaxRune; r++ {
				if next := unicode.SimpleFold(r); next != r {
					fmt.Fprintf(out, "%d:%d ", r, next)
				}
			}
			fmt.Fprintln(out)
			continue
		}
		pattern, _ := hex.DecodeString(words[0])
		compiled, err := regexp.Compile(string(pattern))
		if err != nil {
			fmt.Fprintln(out, "refused")
			continue
		}
		var answers []string
		for _, word := range words[1:] {
			text, _ := hex.DecodeString(word)
			places := compiled.FindSubmatchIndex(text)
			if places == nil {
				answers = append(answers, "-")
				continue
			}
			answers = append(answers, strings.Trim(strings.ReplaceAll(fmt.Sprint(places), " ", ","), "[]"))
		}
		fmt.Fprintln(out, strings.Join(answers, " "))
	}
}
