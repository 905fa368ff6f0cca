import { WebSocket } from 'ws';

/** A WebSocket that says when it is about to close, whoever wants it to: ws answers a client's close frame by itself. */
export class ServerSocket extends WebSocket {
  beforeClose = (): void => undefined;

  override close(code?: number, data?: string | Buffer): void {
    this.beforeClose();
    super.close(code, data);
  }
}
