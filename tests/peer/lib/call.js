// One call of a link, from either end (docs/spec/wire.md, "Calls").
import { ErrorNumber, WireError } from './errors.js';

export const creditAtOpen = 16;
const creditMax = 1024;

// The credit of one side: how many items it may still send.
class Credit {
  constructor(items) {
    this.items = items;
    this.waiting = [];
  }

  add(items) {
    this.items += items;
    if (this.items > creditMax) throw new WireError(ErrorNumber.ProtocolViolation, 'credit over 1024');
    while (this.items > 0 && this.waiting.length > 0) {
      --this.items;
      this.waiting.shift().resolve();
    }
  }

  async take() {
    if (this.items > 0) {
      --this.items;
      return;
    }
    await new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  fail(error) {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

// The end that asked: `done` resolves with the payload of the Close, if it had one.
export class OutgoingCall {
  constructor(link, number, onItem, credit) {
    Object.assign(this, { link, number, onItem, left: credit, credit, consumed: 0 });
    this.done = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    this.done.catch(() => {});  // whoever does not wait for it does not mind
  }

  item(sealed) {
    if (--this.left < 0) throw new WireError(ErrorNumber.ProtocolViolation, 'an item without credit');
    const refused = this.link.admits(sealed);
    if (refused) {
      this.link.send({ cancel: { call: this.number } });
      this.end(new WireError(refused));
      return;
    }
    this.onItem?.(sealed);
    if (++this.consumed * 2 >= this.credit) {
      this.link.send({ credit: { call: this.number, items: this.consumed } });
      this.left += this.consumed;
      this.consumed = 0;
    }
  }

  close({ error, detail, payload }) {
    const refused = error || !payload ? 0 : this.link.admits(payload);
    this.end(error || refused ? new WireError(error || refused, detail) : null, payload);
  }

  end(error, payload) {
    this.link.calls.delete(this.number);
    if (error) this.reject(error);
    else this.resolve(payload);
  }
}

// The end that serves: send() waits for credit, finish() and fail() end the call.
export class IncomingCall {
  constructor(link, { call, method, payload, credit, deadlineMs }) {
    Object.assign(this, { link, number: Number(call), method, payload, over: false, left: creditAtOpen });
    this.credit = new Credit(Math.min(credit, creditMax));
    if (Number(deadlineMs) > 0) {
      this.timer = setTimeout(() => this.fail(new WireError(ErrorNumber.DeadlineExceeded)), Number(deadlineMs)).unref();
    }
  }

  async send(sealed) {
    await this.credit.take();
    if (this.over) throw new WireError(ErrorNumber.PeerLost);
    this.link.send({ item: { call: this.number, payload: sealed } });
  }

  // No method of this node takes items from the side that asks: they are counted and dropped.
  item() {
    if (--this.left < 0) throw new WireError(ErrorNumber.ProtocolViolation, 'an item without credit');
  }

  finish(sealed) {
    this.answer({ error: 0, payload: sealed });
  }

  fail(error) {
    this.answer({ error: error.number ?? ErrorNumber.BadEncoding, detail: (error.detail ?? error.message).slice(0, 200) });
  }

  answer(close) {
    if (this.over) return;
    this.end(new WireError(ErrorNumber.PeerLost));
    this.link.send({ close: { call: this.number, ...close } });
  }

  end(error) {
    this.over = true;
    clearTimeout(this.timer);
    this.credit.fail(error);
    this.link.calls.delete(this.number);
  }
}
