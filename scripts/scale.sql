-- Ten thousand tables with three indexes each, made in small transactions: one would need more locks than the server has.
CREATE SCHEMA IF NOT EXISTS scale;

CREATE OR REPLACE PROCEDURE scale.make_tables(wanted int) LANGUAGE plpgsql AS $$
BEGIN
    FOR number IN 1..wanted LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS scale.t%s (id int PRIMARY KEY, a int, b int)', number);
        EXECUTE format('CREATE INDEX IF NOT EXISTS t%1$s_a ON scale.t%1$s (a)', number);
        EXECUTE format('CREATE INDEX IF NOT EXISTS t%1$s_b ON scale.t%1$s (b)', number);
        IF number % 50 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END $$;

SET client_min_messages = warning;
CALL scale.make_tables(10000);
