// Errors with the numbers that go over the wire (docs/spec/wire.md, "Errors").
export const ErrorNumber = {
  BadEncoding: 1001,
  Stopping: 1004,
  PeerLost: 1402,
  ProtocolViolation: 1403,
  VersionMismatch: 1404,
  WrongHousehold: 1405,
  DeadlineExceeded: 1406,
  QueueFull: 1408,
  UnknownMethod: 1410,
  DuplicateLink: 1411,
  AudienceForbids: 3001,
  UnknownLabel: 3003,
  NotAMember: 3004,
};

export class WireError extends Error {
  constructor(number, detail = '') {
    const name = Object.keys(ErrorNumber).find((key) => ErrorNumber[key] === number) ?? 'Error';
    super(`${number} ${name}${detail ? `: ${detail}` : ''}`);
    this.number = number;
    this.detail = detail;
  }
}
