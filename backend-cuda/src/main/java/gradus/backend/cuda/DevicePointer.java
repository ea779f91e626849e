package gradus.backend.cuda;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** An address on the device, in the form JavaCPP's calls take. It owns nothing. */
final class DevicePointer extends FloatPointer {
  DevicePointer(long address) {
    super((Pointer) null);
    this.address = address;
  }

  /** The same object at another address. */
  DevicePointer at(long newAddress) {
    address = newAddress;
    return this;
  }
}
