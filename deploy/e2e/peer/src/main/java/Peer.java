import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Programs for Kafka Streams that grade customers, for BenchmarkPeer. Each does a part of what Tierstream does, under
 * Kafka's own guarantee:
 *
 * <ul>
 *   <li>sums: an event's amount is added to what is kept of its customer, and a second stage says when that is another
 *       tier. A duplicate counts twice, nothing ever leaves the sum, nobody knows what is owed.
 *   <li>documents: three stages, as Tierstream has them. The first reads the event and puts it under its customer, the second
 *       keeps two years of a customer's documents, leaves out duplicates, and adds up a rolling year and what is open and
 *       overdue when money pays the oldest first; the third says when that is another tier. No returns, cancellations or amendments, no
 *       currencies, no windows that pass by themselves, no scores, no reasons.
 * </ul>
 *
 * <p>Arguments: sums or documents, brokers, application id, input topics (comma between), output topic, directory of the state.
 */
public final class Peer {
  private static final String CUSTOMERS = "customers", TIERS = "tiers"; // what is kept
  private static final long GOLD = 10_000_000, SILVER = 1_000_000;

  public static void main(String[] args) {
    var config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[1]);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2]);
    config.put(StreamsConfig.STATE_DIR_CONFIG, args[5]);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 256L << 20); // everybody stays in memory, as with Tierstream
    config.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    // As Tierstream's own: batches that are large and compressed, and few requests.
    config.put(StreamsConfig.consumerPrefix("max.poll.records"), 5000);
    config.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 5000);
    config.put(StreamsConfig.producerPrefix("compression.type"), "snappy");
    config.put(StreamsConfig.producerPrefix("linger.ms"), 20);
    config.put(StreamsConfig.producerPrefix("batch.size"), 1 << 18);

    var builder = new StreamsBuilder();
    builder.addStateStore(kept(CUSTOMERS));
    builder.addStateStore(kept(TIERS));
    var events = builder.stream(Arrays.asList(args[3].split(",")), Consumed.with(Serdes.String(), Serdes.ByteArray())).process(Read::new);
    var levels =
        args[0].equals("sums")
            ? events.process(Sum::new, CUSTOMERS)
            : events.repartition(byCustomer("facts")).process(Documents::new, CUSTOMERS);
    levels.repartition(byCustomer("scores")).process(Tier::new, TIERS).to(args[4], Produced.with(Serdes.String(), Serdes.ByteArray()));

    var streams = new KafkaStreams(builder.build(config), config);
    streams.setUncaughtExceptionHandler(
        e -> {
          e.printStackTrace();
          Runtime.getRuntime().halt(1);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> kept(String name) {
    return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.ByteArray()).withCachingEnabled();
  }

  private static Repartitioned<String, byte[]> byCustomer(String name) {
    return Repartitioned.with(Serdes.String(), Serdes.ByteArray()).withName(name);
  }

  /** What is used of an event: its kind, id (a hash), moment (seconds), amount (minor units), and when that is due. */
  private static final class Fact {
    static final int SIZE = 33, EVENT = 1, AT = 9, AMOUNT = 17, DUE = 25;
    static final byte OTHER = 0, PLACED = 1, RECEIVED = 2;

    static byte[] of(byte kind, long event, long at, long amount, long due) {
      return ByteBuffer.allocate(SIZE).put(kind).putLong(event).putLong(at).putLong(amount).putLong(due).array();
    }
  }

  private abstract static class Stage implements Processor<String, byte[], String, byte[]> {
    private final String store;
    ProcessorContext<String, byte[]> context;
    KeyValueStore<String, byte[]> kept; // by customer; null in a stage that keeps nothing

    Stage(String store) {
      this.store = store;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
      this.context = context;
      kept = store == null ? null : context.getStateStore(store);
    }
  }

  /** Reads an event, and puts it under its customer. */
  private static final class Read extends Stage {
    private static final JsonFactory JSON = new JsonFactory();

    Read() {
      super(null);
    }

    @Override
    public void process(Record<String, byte[]> event) {
      String customer = null;
      byte kind = Fact.OTHER;
      long id = 0, at = 0, amount = 0, terms = 0;
      try (JsonParser json = JSON.createParser(event.value())) {
        for (JsonToken t; (t = json.nextToken()) != null; ) {
          if (!t.isScalarValue()) {
            if (t == JsonToken.START_OBJECT && "placed".equals(json.currentName())) {
              kind = Fact.PLACED;
            } else if (t == JsonToken.START_OBJECT && "received".equals(json.currentName())) {
              kind = Fact.RECEIVED;
            }
            continue;
          }
          switch (json.currentName() == null ? "" : json.currentName()) {
            case "customer_id" -> customer = json.getText();
            case "event_id" -> id = hash(json.getText());
            case "occurred_at" -> at = Instant.parse(json.getText()).getEpochSecond();
            case "terms_days" -> terms = json.getValueAsLong();
            case "amount_minor" -> amount = amount == 0 ? json.getValueAsLong() : amount; // the first is the document's
            default -> {}
          }
        }
      } catch (IOException | RuntimeException e) {
        return; // where Tierstream writes a dead letter
      }
      if (customer != null) {
        context.forward(event.withKey(customer).withValue(Fact.of(kind, id, at, amount, at + terms * 86_400)));
      }
    }

    private static long hash(String s) {
      long h = 0xcbf29ce484222325L;
      for (int i = 0; i < s.length(); i++) {
        h = (h ^ s.charAt(i)) * 0x100000001b3L;
      }
      return h;
    }
  }

  /** Adds an event to what is kept of its customer: how many there are, and their amounts together. */
  private static final class Sum extends Stage {
    Sum() {
      super(CUSTOMERS);
    }

    @Override
    public void process(Record<String, byte[]> fact) {
      byte[] was = kept.get(fact.key());
      long events = 1, amount = ByteBuffer.wrap(fact.value()).getLong(Fact.AMOUNT);
      if (was != null) {
        amount += ByteBuffer.wrap(was).getLong(0);
        events += ByteBuffer.wrap(was).getLong(8);
      }
      byte[] is = ByteBuffer.allocate(16).putLong(amount).putLong(events).array();
      kept.put(fact.key(), is);
      context.forward(fact.withValue(is));
    }
  }

  /** Keeps a customer's documents in the order of their moments, and adds up what they come to. */
  private static final class Documents extends Stage {
    private static final long YEAR = 365 * 86_400L;

    Documents() {
      super(CUSTOMERS);
    }

    @Override
    public void process(Record<String, byte[]> fact) {
      var was = kept.get(fact.key());
      var is = with(was == null ? new byte[0] : was, fact.value());
      if (is != was) {
        kept.put(fact.key(), is);
        context.forward(fact.withValue(level(is)));
      }
    }

    /** The documents and one more where its moment is, without those of more than two years before the last; was itself for a duplicate. */
    private static byte[] with(byte[] was, byte[] fact) {
      var docs = ByteBuffer.wrap(was);
      var one = ByteBuffer.wrap(fact);
      int to = was.length;
      for (int i = 0; i < was.length; i += Fact.SIZE) {
        if (docs.getLong(i + Fact.EVENT) == one.getLong(Fact.EVENT)) {
          return was;
        }
      }
      while (to > 0 && docs.getLong(to - Fact.SIZE + Fact.AT) > one.getLong(Fact.AT)) {
        to -= Fact.SIZE;
      }
      long last = Math.max(one.getLong(Fact.AT), was.length == 0 ? 0 : docs.getLong(was.length - Fact.SIZE + Fact.AT));
      int from = 0;
      while (from < to && docs.getLong(from + Fact.AT) < last - 2 * YEAR) {
        from += Fact.SIZE;
      }
      return ByteBuffer.allocate(was.length - from + Fact.SIZE).put(was, from, to - from).put(fact).put(was, to, was.length - to).array();
    }

    /** What was sold in the year before the last document, in how many orders; what is open, and overdue; and how many orders were paid late. */
    private static byte[] level(byte[] is) {
      var docs = ByteBuffer.wrap(is);
      long now = docs.getLong(is.length - Fact.SIZE + Fact.AT);
      long net = 0, orders = 0, open = 0, overdue = 0, late = 0, money = 0;
      int payment = 0; // the next that isn't in money yet
      for (int i = 0; i < is.length; i += Fact.SIZE) {
        if (is[i] != Fact.PLACED) {
          continue;
        }
        long amount = docs.getLong(i + Fact.AMOUNT), due = docs.getLong(i + Fact.DUE), paid = 0;
        if (docs.getLong(i + Fact.AT) > now - YEAR) {
          net += amount;
          orders++;
        }
        for (; money < amount && payment < is.length; payment += Fact.SIZE) {
          if (is[payment] == Fact.RECEIVED) {
            money += docs.getLong(payment + Fact.AMOUNT);
            paid = docs.getLong(payment + Fact.AT);
          }
        }
        if (money >= amount) {
          late += paid > due ? 1 : 0;
        } else {
          open += amount - money;
          overdue += due < now ? amount - money : 0;
        }
        money -= Math.min(money, amount);
      }
      return ByteBuffer.allocate(48).putLong(net).putLong(orders).putLong(open).putLong(overdue).putLong(late).putLong(now).array();
    }
  }

  /** Tells each move of a customer to another tier. */
  private static final class Tier extends Stage {
    Tier() {
      super(TIERS);
    }

    @Override
    public void process(Record<String, byte[]> level) {
      long amount = ByteBuffer.wrap(level.value()).getLong(0);
      byte[] was = kept.get(level.key());
      byte[] is = {(byte) (amount >= GOLD ? 2 : amount >= SILVER ? 1 : 0)};
      if (!Arrays.equals(was, is)) {
        kept.put(level.key(), is);
        context.forward(level.withValue(is));
      }
    }
  }
}
