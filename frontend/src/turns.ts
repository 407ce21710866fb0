/**
 * Which of several pages under way may be shown: the one that was asked for last. Loading the same page again never
 * overtakes a step to another one, and what was asked for before such a step is late.
 */
export class Turns<Request extends object> {
  private readonly begun = new WeakMap<Request, number>();
  private steps = 0;
  private stepping: Request | undefined;

  /** Note a request; `step` says that it leads to another page. False where it had better not be sent. */
  begin(request: Request, step: boolean): boolean {
    if (step) {
      this.steps += 1;
      this.stepping = request;
    } else if (this.stepping) return false;
    this.begun.set(request, this.steps);
    return true;
  }

  /** Whether the answer to a request is still wanted. */
  counts(request: Request): boolean {
    return this.begun.get(request) === this.steps;
  }

  /** Note that a request is over; true if it was the step under way. */
  end(request: Request): boolean {
    if (this.stepping !== request) return false;
    this.stepping = undefined;
    return true;
  }
}
