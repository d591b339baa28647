/** Reads one line that must not be seen: on a terminal it is not echoed; from a pipe it is the next line. */
export function readSecret(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  const isTerminal: boolean = stdin.isTTY;
  if (isTerminal) {
    stderr.write(prompt);
    stdin.setRawMode(true);
  }
  return new Promise((resolve) => {
    let text = '';
    const done = (): void => {
      stdin.off('data', onData);
      stdin.pause();
      if (isTerminal) {
        stdin.setRawMode(false);
        stderr.write('\n');
      }
      resolve(text);
    };
    const onData = (piece: string): void => {
      for (const character of piece) {
        if (character === '\n' || character === '\r' || character === '\u0004') return done();
        // A terminal in raw mode sends no signal for Ctrl-C.
        if (isTerminal && character === '\u0003') process.exit(130);
        text = isTerminal && (character === '\u007f' || character === '\b') ? text.slice(0, -1) : text + character;
      }
    };
    stdin.setEncoding('utf8').on('data', onData).once('end', done);
    stdin.resume();
  });
}
