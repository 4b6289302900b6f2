// The hybrid logical clock that orders facts (docs/spec/facts.md, "Entries"): 48 bits of milliseconds, 16 of a counter.

export const aheadMaxMs = 300_000;
export const msOf = (hlc) => Number(hlc >> 16n);

export class HybridClock {
  constructor(nowMs = Date.now) {
    this.nowMs = nowMs;
    this.last = 0n;
  }

  atLeastNow(least) {
    const now = BigInt(this.nowMs()) << 16n;
    this.last = least > now ? least : now;
    return this.last;
  }

  send() {
    return this.atLeastNow(this.last + 1n);
  }

  receive(hlc) {
    this.atLeastNow((this.last > hlc ? this.last : hlc) + 1n);
  }
}
