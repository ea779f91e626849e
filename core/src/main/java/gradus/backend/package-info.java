/** The interface between Gradus and a device, and the choice of one at run time. */
package gradus.backend;
