package gradus.data.image;

/** The channels of a decoded picture. */
public enum ColorMode {
  /** One channel: {@code 0.299 R + 0.587 G + 0.114 B} of a coloured picture. */
  GRAY(1),
  /** Three channels: red, green, blue; a grey picture has three equal ones. */
  RGB(3);

  private final int channels;

  ColorMode(int channels) {
    this.channels = channels;
  }

  /** How many channels. */
  public int channels() {
    return channels;
  }
}
