// TLS 1.3 and WebSocket between members (docs/spec/wire.md, "Transport").
//
// Node tells of a peer's certificate only after its own side of the handshake is done, so a stranger is cut off then, and
// not within the handshake as C++ does: still before a byte of WebSocket was read or written.
import { constants } from 'node:crypto';
import { createServer } from 'node:http';
import tls from 'node:tls';
import WebSocket, { WebSocketServer } from 'ws';
import { checkedPublicKey, deviceIdOf } from './keys.js';

const path = '/ambit/v1';
const frameBytesMax = 1 << 20;
const certificateBytesMax = 4096;
const strangerMs = 3000;
const headerBytesMax = 4096;

const tlsOptions = ({ cert, key }) => ({
  cert,
  key,
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384',
  ecdhCurve: 'X25519:P-256',
  sigalgs: 'ed25519',
  secureOptions: constants.SSL_OP_NO_TICKET,
  requestCert: true,
  rejectUnauthorized: false,  // the roster decides, not a certificate authority
});

// The device at the other end; throws when it has no device's certificate.
function deviceAt(socket) {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate || certificate.raw.length > certificateBytesMax || certificate.publicKey.asymmetricKeyType !== 'ed25519') {
    throw new Error('not the certificate of a device');
  }
  const { x } = certificate.publicKey.export({ format: 'jwk' });
  return deviceIdOf(checkedPublicKey(Buffer.from(x, 'base64url')));
}

function openWebSocket(socket, host) {
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(`ws://${host.includes(':') ? `[${host}]` : host}${path}`, {
      createConnection: () => socket,
      perMessageDeflate: false,
      maxPayload: frameBytesMax,
      handshakeTimeout: strangerMs,
    });
    webSocket.once('open', () => resolve(webSocket));
    webSocket.once('error', reject);
  });
}

// Dials `expected`, which must be in `isMember`; resolves with a WebSocket.
export function dial({ host, port, credentials, expected, isMember }) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port, ...tlsOptions(credentials), servername: '' });
    const fail = (error) => {
      socket.destroy();
      reject(error);
    };
    socket.setNoDelay(true);
    socket.setTimeout(strangerMs, () => fail(new Error('the handshake took too long')));
    socket.once('error', fail);
    socket.once('close', () => fail(new Error('closed in the handshake')));
    socket.once('secureConnect', () => {
      try {
        if (deviceAt(socket) !== expected || !isMember(expected)) throw new Error('not the device that was dialled');
      } catch (error) {
        fail(error);
        return;
      }
      openWebSocket(socket, host).then((webSocket) => {
        socket.setTimeout(0);
        resolve(webSocket);
      }, fail);
    });
  });
}

// Listens on a free port of `host`; calls onLink(webSocket, device) for each member that comes.
export class Listener {
  constructor({ credentials, isMember, onLink }) {
    const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: frameBytesMax });
    const http = createServer({ maxHeaderSize: headerBytesMax }, (request, response) => response.writeHead(404).end());
    http.on('upgrade', (request, socket, head) => {
      if (request.url !== path) {
        socket.destroy();
        return;
      }
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        socket.setTimeout(0);
        onLink(webSocket, socket.ambitDevice);
      });
    });
    this.server = tls.createServer({ ...tlsOptions(credentials), handshakeTimeout: strangerMs }, (socket) => {
      socket.on('error', () => socket.destroy());
      try {
        socket.ambitDevice = deviceAt(socket);
      } catch { /* No device: no member either. */ }
      if (!isMember(socket.ambitDevice)) {
        socket.destroy();
        return;
      }
      socket.setNoDelay(true);
      socket.setTimeout(strangerMs, () => socket.destroy());
      http.emit('connection', socket);
    });
    this.server.maxConnections = 64;
  }

  listen(host = '127.0.0.1') {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, host, () => resolve({ host, port: this.server.address().port }));
    });
  }

  close() {
    this.server.close();
  }
}
