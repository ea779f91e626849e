/** What flows through a network, and how it is wired, layer by layer. */
package gradus.doctor.signal;
