import { Injectable } from 'taskwarden';

/** A service: what tasks share. A test may put another one in its place. */
@Injectable()
export class Greetings {
  for(name: string): string {
    return `Hello, ${name}!`;
  }
}
