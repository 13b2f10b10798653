-- What people do with the ERP fixture, with how often each comes in a thousand operations.

-- weight: 90
SELECT id, sku, name, price FROM erp_product WHERE category_id = 17 AND active ORDER BY created DESC LIMIT 24;
-- weight: 120
SELECT id, number, date, status, total FROM erp_salesorder WHERE customer_id = 421 ORDER BY date DESC LIMIT 20;
-- weight: 20
SELECT count(*) FROM erp_salesorder WHERE customer_id = 77;
-- weight: 110
SELECT i.quantity, i.price, i.discount, p.sku, p.name
FROM erp_orderitem AS i JOIN erp_product AS p ON p.id = i.product_id WHERE i.order_id = 3210;
-- weight: 20
SELECT count(*), sum(quantity) FROM erp_orderitem WHERE product_id = 911;
-- weight: 40
SELECT created, warehouse_id, kind, quantity, reference FROM erp_stocktransaction
WHERE product_id = 55 ORDER BY created DESC LIMIT 50;
-- weight: 14
SELECT p.id, p.sku, p.name, p.stock,
       (SELECT sum(t.quantity) FROM erp_stocktransaction AS t WHERE t.product_id = p.id) AS booked
FROM erp_product AS p WHERE p.active AND p.stock <= p.reorder_level AND p.stock >= 2 ORDER BY p.stock LIMIT 8;
-- weight: 8
SELECT date, status, count(*), sum(total) FROM erp_salesorder
WHERE date >= (SELECT max(date) - 30 FROM erp_salesorder) AND date < (SELECT max(date) - 16 FROM erp_salesorder)
GROUP BY date, status ORDER BY date, status;
-- weight: 40
SELECT id, number, customer_id, total FROM erp_salesorder
WHERE tenant_id = 3 AND status IN ('new', 'paid') ORDER BY created LIMIT 50;
-- weight: 12
SELECT kind, count(*), sum(quantity) FROM erp_stocktransaction
WHERE warehouse_id = 9 AND created >= (SELECT max(created) - interval '40 days' FROM erp_stocktransaction)
GROUP BY kind ORDER BY kind;
-- weight: 20
SELECT id, sku, name, stock FROM erp_product WHERE supplier_id = 12 ORDER BY sku LIMIT 100;
-- weight: 70
SELECT id, title, state, priority, assignee_id, due FROM tasks
WHERE project_id = 40 AND state IN ('open', 'in_progress', 'blocked') ORDER BY priority, due LIMIT 100;
-- weight: 50
SELECT id, title, due FROM tasks WHERE assignee_id = 44 AND completed IS NULL ORDER BY due LIMIT 20;
-- weight: 10
SELECT id, title, due FROM tasks WHERE completed IS NULL AND due < current_date ORDER BY due DESC LIMIT 50;
-- weight: 20
SELECT id, title, state FROM tasks ORDER BY updated DESC LIMIT 20;
-- weight: 20
SELECT id, title, state FROM tasks
WHERE to_tsvector('english', title) @@ plainto_tsquery('english', 'invoice check') LIMIT 20;
-- weight: 50
SELECT id, kind, task_id, user_id, created FROM activities WHERE workspace_id = 7 ORDER BY created DESC LIMIT 50;
-- weight: 30
SELECT id, kind, task_id, created FROM activities WHERE user_id = 21 ORDER BY created DESC LIMIT 20;
-- weight: 5
SELECT kind, count(*) FROM activities WHERE details ->> 'source' = 'api' GROUP BY kind;
-- weight: 5
SELECT id, sku FROM erp_product WHERE attributes @> '{"colour": "red"}' LIMIT 20;
-- weight: 10
SELECT id, name FROM erp_customer WHERE lower(email) = 'customer77@example.com';
