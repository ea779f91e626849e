/** What every part of Gradus shares: its one exception type. */
package gradus;
