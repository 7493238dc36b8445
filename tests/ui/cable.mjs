// A cable between a page and its server that a test can pull: bytes go through as they are, until
// it is cut; mended, new connections go through again.
import { connect, createServer } from 'node:net';

export class Cable {
  static async to(server) {
    const cable = new Cable();
    cable.cut = false;
    cable.open = new Set();
    cable.listener = createServer((near) => {
      if (cable.cut) return near.destroy();
      const far = connect(server.port, '127.0.0.1');
      for (const [one, other] of [[near, far], [far, near]]) {
        cable.open.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => (cable.open.delete(one), other.destroy()));
      }
    });
    await new Promise((done) => cable.listener.listen(0, '127.0.0.1', done));
    cable.url = `http://127.0.0.1:${cable.listener.address().port}`;
    return cable;
  }
  pull() {
    this.cut = true;
    for (const socket of this.open) socket.destroy();
  }
  mend() {
    this.cut = false;
  }
  close() {
    this.pull();
    return new Promise((done) => this.listener.close(done));
  }
}
