// What was checked, and what was found.

export class Report {
  findings = [];
  #checked = 0;

  constructor({quiet = false} = {}) {
    this.quiet = quiet;
  }

  /** Runs a check, and goes on after one that fails. */
  async check(name, action) {
    this.#checked += 1;
    try {
      return await action();
    } catch (error) {
      // What Playwright adds below says how it waited.
      const sentence = error.message.split('\n')[0];
      this.findings.push(`${name}: ${sentence}`);
      if (!this.quiet) console.log(`  FAILED  ${name}: ${sentence}`);
      return undefined;
    }
  }

  /** Prints how many checks of a kind there were. */
  async group(title, action) {
    const [checked, found] = [this.#checked, this.findings.length];
    const start = performance.now();
    await action();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const failed = this.findings.length - found;
    console.log(`${title.padEnd(46)}${String(this.#checked - checked).padStart(4)} checks${String(failed).padStart(4)} failed${seconds.padStart(8)} s`);
  }
}
