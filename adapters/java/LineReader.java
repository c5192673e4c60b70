// Reads lines as bytes, and says when no more of them are at hand, so that answers can be sent in time.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

final class LineReader {
    private final InputStream in;
    private final BeforeWaiting beforeWaiting;
    private final byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;

    /** What must be done before the reader may wait for input. */
    interface BeforeWaiting {
        void run() throws IOException;
    }

    LineReader(InputStream in, BeforeWaiting beforeWaiting) {
        this.in = in;
        this.beforeWaiting = beforeWaiting;
    }

    /** The next line without its line feed, or null at the end of the input; the last line needs no line feed. */
    byte[] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int lineEnd = start;
            while (lineEnd < end && buffer[lineEnd] != '\n') {
                lineEnd++;
            }
            line.write(buffer, start, lineEnd - start);
            if (lineEnd < end) {
                start = lineEnd + 1;
                return line.toByteArray();
            }
            beforeWaiting.run();
            start = 0;
            end = Math.max(0, in.read(buffer));
            if (end == 0) {
                return line.size() == 0 ? null : line.toByteArray();
            }
        }
    }
}
