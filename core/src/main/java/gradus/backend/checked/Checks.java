package gradus.backend.checked;

import gradus.backend.Memory;

/** Starts the check of each call of one backend. */
record Checks(Handles handles, Memory memory) {
  OpCheck of(String op) {
    return new OpCheck(op, handles, memory);
  }
}
