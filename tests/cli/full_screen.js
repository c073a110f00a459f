/*
 * What a program that owns the whole screen does: alternate screen, raw mode, mouse and paste
 * reports, colours, wide and combining characters, redrawing on resize. Shows the last events in
 * hexadecimal; q ends it.
 */
'use strict';
const out = process.stdout;
const events = [];

function draw() {
	const { columns, rows } = out;
	let s = '\x1b[?2026h\x1b[H\x1b[2J';

	for (let i = 0; i < columns; i++)
		s += `\x1b[48;2;${(i * 3) % 256};${255 - ((i * 3) % 256)};128m `;
	s += `\x1b[0m\x1b[2;1Hsize ${columns}x${rows}`;
	s += '\x1b[3;1H漢字 テスト e\u0301 a\u0308 \u{1F600}|';
	s += '\x1b[4;1H\x1b[1mbold\x1b[0m \x1b[3mitalic\x1b[0m \x1b[4:3;58;2;255;0;0mcurly\x1b[0m ' +
		'\x1b[7mreverse\x1b[0m \x1b[9mstruck\x1b[0m \x1b[38;5;208mindexed\x1b[0m';
	s += '\x1b[5;1H\x1b(0lqqqk\x1b(B \x1b[2mdim\x1b[0m';
	s += '\x1b[10;12r\x1b[12;1H\x1b[31mscrolled\x1b[0m\n\x1b[r';
	events.slice(-5).forEach((e, i) => { s += `\x1b[${14 + i};1Hevent ${e}`; });
	s += `\x1b[${rows};1H\x1b[44mbottom\x1b[K\x1b[0m\x1b[7;20H\x1b[?2026l`;
	out.write(s);
}

out.write('\x1b[?1049h\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?1h\x1b=\x1b[>1u');
process.stdin.setRawMode(true);
process.stdin.on('data', (bytes) => {
	if (bytes.toString() === 'q') {
		out.write('\x1b[<u\x1b>\x1b[?1l\x1b[?2004l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1049l');
		process.stdin.setRawMode(false);
		process.exit(0);
	}
	events.push(bytes.toString('hex'));
	draw();
});
out.on('resize', draw);
draw();
