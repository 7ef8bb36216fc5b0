/** For tests: what a test registry answers. */
import type { ServerResponse } from 'node:http';

export function send(response: ServerResponse, status: number, body: Buffer): void {
  response.writeHead(status, { 'content-length': body.length });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  send(response, status, Buffer.from(JSON.stringify({ errors: [{ code, message }] })));
}
