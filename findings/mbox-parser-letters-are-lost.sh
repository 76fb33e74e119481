#!/usr/bin/env bash
# mbox-parser 1.0.1. A mail in ISO 8859-1 loses its letters.
# Expected: the text that mailparser 3.7.2, with which it reads each mail, finds in the same one: "Gr\u00fc\u00dfe".
# Seen: the file is made a text before anyone has looked at its charset, and what is no UTF-8 is replaced.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install mbox-parser@1.0.1 mailparser@3.7.2
run <<'JS'
import { Readable } from 'node:stream'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const { mboxParser } = require('mbox-parser')
const { simpleParser } = require('mailparser')

const mail = Buffer.from(`From: one@example.org
To: two@example.org
Subject: pages
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

Gr\u00fc\u00dfe,
all is well.
`, 'latin1')
const told = ({ text }) => JSON.stringify(text).replace(/[^ -~]/g, (letter) => `\\u${letter.codePointAt(0).toString(16).padStart(4, '0')}`)
console.log('mailparser:', told(await simpleParser(mail)))
for (const each of await mboxParser(Readable.from([Buffer.concat([Buffer.from('From one@example.org Tue Feb 10 10:00:00 2026\n'), mail])]))) console.log('mbox-parser:', told(each))
JS
seen <<'TEXT'
mailparser: "Gr\u00fc\u00dfe,\nall is well.\n"
mbox-parser: "Gr\u00ef\u00bf\u00bd\u00ef\u00bf\u00bde,\nall is well.\n"
TEXT
