package gradus.backend.cuda;

/**
 * Who records a graph holds this, and who makes a call that may wait for the whole device: CUDA
 * refuses that one while any thread records on the device, and the recording with it. Several
 * backends may have one device, as the trials of a search do.
 */
final class Recording {
  static final Object LOCK = new Object();

  private Recording() {}
}
